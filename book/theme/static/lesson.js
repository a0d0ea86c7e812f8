// A lesson's page: the step being read is marked in the navigation; on pages for young children each text can be heard.
(function () {
  "use strict";
  var links = [].slice.call(document.querySelectorAll(".b-toc a"));
  var parts = links.map(function (link) { return document.getElementById(decodeURIComponent(link.hash.slice(1))); });
  function mark() {
    var now = 0;
    parts.forEach(function (part, i) { if (part && part.getBoundingClientRect().top < window.innerHeight * 0.4) now = i; });
    links.forEach(function (link, i) { if (i === now) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current"); });
  }
  if (links.length) {
    var waiting = false;
    window.addEventListener("scroll", function () {
      if (waiting) return;
      waiting = true;
      window.requestAnimationFrame(function () { waiting = false; mark(); });
    }, { passive: true });
    mark();
  }

  if (!document.body.classList.contains("b-young") || !("speechSynthesis" in window)) return;
  var SPEAK = '<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><use href="#i-speak"></use></svg>';
  function words(node) {
    var copy = node.cloneNode(true);
    [].forEach.call(copy.querySelectorAll("rt, rp, button, svg, .b-step-name, .b-points"), function (el) { el.remove(); });
    return copy.textContent.replace(/\s+/g, " ").trim();
  }
  function read(text) {
    window.speechSynthesis.cancel();
    var said = new SpeechSynthesisUtterance(text);
    said.lang = "zh-CN";
    said.rate = 0.85;
    window.speechSynthesis.speak(said);
  }
  var texts = document.querySelectorAll(".b-top h1, .b-hook p, .b-text section > h2, .b-text section > h3, .b-text section > p:not(.b-step-name), .b-text section > ul > li, .b-text section > ol > li");
  [].forEach.call(texts, function (node) {
    if (!words(node)) return;
    var button = document.createElement("button");
    button.type = "button";
    button.className = "b-hear no-print";
    button.setAttribute("aria-label", "读给我听：" + words(node).slice(0, 20));
    button.innerHTML = SPEAK;
    button.addEventListener("click", function () { read(words(node)); });
    node.insertBefore(button, node.firstChild);
    node.classList.add("b-heard");
  });
})();
