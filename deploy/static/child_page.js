/* A child's page: home and hand-in leave only when the last tap has reached the kernel; ears read a text aloud. */
(function () {
  var SETTLE = 400; /* ms from a tap to its line in answers.json, with room */
  var where = location.pathname.split('/voila/render/');
  var part = where[1].split('/');
  document.getElementById('haike-hand-in').href = where[0] + '/haike/hand-in/' + part[0] + '/' + part[1];

  function leaving(link) {
    link.addEventListener('click', function (event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      link.setAttribute('aria-disabled', 'true');
      setTimeout(function () { location.href = link.href; }, SETTLE);
    });
  }
  leaving(document.getElementById('haike-home'));
  leaving(document.getElementById('haike-hand-in'));
  /* coming back by the browser's back button finds the buttons awake */
  window.addEventListener('pageshow', function () {
    document.querySelectorAll('[aria-disabled]').forEach(function (link) { link.removeAttribute('aria-disabled'); });
  });
  document.querySelectorAll('[data-reload]').forEach(function (button) {
    button.addEventListener('click', function () { location.reload(); });
  });

  /* the title stands in the bar already: a cell with nothing but it takes no room */
  var texts = [].slice.call(document.querySelectorAll('.haike-words')).filter(function (text) {
    var onlyTitle = text.children.length === 2 && text.firstElementChild.tagName === 'H1';
    text.classList.toggle('only-title', onlyTitle);
    return text.textContent.trim() && !onlyTitle;
  });
  texts.forEach(function (text) {
    var ear = text.querySelector('.ear');
    ear.hidden = false;
    ear.addEventListener('click', function () { window.haikeRead(text, ear); });
  });
  var speak = document.getElementById('haike-speak');
  speak.addEventListener('click', function () {
    var seen = texts.filter(function (text) { return text.getBoundingClientRect().bottom > 120; })[0] || texts[0];
    if (seen) window.haikeRead(seen, speak);
  });
})();
