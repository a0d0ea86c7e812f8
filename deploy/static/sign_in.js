/* Signing in without typing: tap the class, the name, three pictures. The form it fills is the ordinary one. */
(function () {
  var tap = document.getElementById('tap'), type = document.getElementById('type');
  var tabs = { tap: document.getElementById('tab-tap'), type: document.getElementById('tab-type') };
  var again = document.getElementById('again'), chosen = [];

  function show(which) {
    tap.hidden = which !== 'tap';
    type.hidden = which !== 'type';
    Object.keys(tabs).forEach(function (name) { tabs[name].setAttribute('aria-selected', String(name === which)); });
    try { localStorage.setItem('haike-sign-in', which); } catch (e) { /* private window */ }
  }
  function step(name, of) {
    tap.querySelectorAll('[data-step]').forEach(function (part) {
      part.hidden = part.dataset.step !== name || (part.dataset.of !== undefined && part.dataset.of !== of);
    });
    again.hidden = name === 'class';
  }
  function draw() {
    tap.querySelectorAll('.tapped li').forEach(function (slot, i) {
      slot.className = chosen[i] ? 'on' : '';
      slot.innerHTML = chosen[i] ? tap.querySelector('[data-picture="' + chosen[i] + '"] .pic').outerHTML : '';
    });
  }
  function restart() {
    chosen = [];
    draw();
    var classes = tap.querySelectorAll('[data-class]');
    if (classes.length === 1) step('name', classes[0].dataset.class); else step('class');
  }
  tap.addEventListener('click', function (event) {
    var button = event.target.closest('.pick');
    if (!button) return;
    if (button.dataset.class) return step('name', button.dataset.class);
    if (button.dataset.name) { tap.elements.username.value = button.dataset.name; return step('pictures'); }
    if (chosen.length === 3) return;
    chosen.push(button.dataset.picture);
    draw();
    if (chosen.length === 3) { tap.elements.password.value = chosen.join('-'); tap.submit(); }
  });
  again.addEventListener('click', restart);
  tabs.tap.addEventListener('click', function () { show('tap'); });
  tabs.type.addEventListener('click', function () { show('type'); });
  var last = 'type';
  try { last = localStorage.getItem('haike-sign-in') || 'type'; } catch (e) { /* private window */ }
  restart();
  show(last === 'tap' ? 'tap' : 'type');
})();
