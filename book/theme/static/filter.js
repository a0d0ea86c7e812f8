// The chips of the home page: each group keeps one value, a card stays if it fits them all.
(function () {
  "use strict";
  var want = {}, cards = [].slice.call(document.querySelectorAll(".b-cards .b-card"));
  var count = document.getElementById("count"), all = count.textContent;
  var folded = document.getElementById("filters");
  if (window.matchMedia("(max-width: 600px)").matches) folded.removeAttribute("open");
  function fits(card) {
    return Object.keys(want).every(function (key) { return !want[key] || card.getAttribute("data-" + key) === want[key]; });
  }
  function show() {
    var left = 0, chosen = Object.keys(want).some(function (key) { return want[key]; });
    cards.forEach(function (card) { card.hidden = !fits(card); if (!card.hidden) left++; });
    count.textContent = chosen ? "找到 " + left + " 课" : all;
    document.getElementById("none").hidden = left > 0;
  }
  [].forEach.call(document.querySelectorAll(".b-frow .b-chips"), function (group) {
    group.addEventListener("click", function (event) {
      var chip = event.target.closest(".b-chip");
      if (!chip) return;
      [].forEach.call(group.querySelectorAll(".b-chip"), function (one) { one.setAttribute("aria-pressed", one === chip); });
      want[group.getAttribute("data-key")] = chip.getAttribute("data-v");
      show();
    });
  });
})();
