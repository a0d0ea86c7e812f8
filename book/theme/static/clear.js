// "Clear what this device remembers": takes away what the widgets' host has kept, and nothing else.
(function () {
  "use strict";
  var place = document.getElementById("clear-here");
  if (!place) return;
  place.innerHTML = '<p><button class="b-btn quiet" type="button">清掉这台设备上的记录</button></p><p class="b-muted" aria-live="polite"></p>';
  place.querySelector("button").addEventListener("click", function () {
    var told = place.querySelector(".b-muted"), gone = 0;
    try {
      Object.keys(window.localStorage).forEach(function (key) {
        if (key.indexOf("haike:") === 0) { window.localStorage.removeItem(key); gone++; }
      });
      told.textContent = gone ? "清掉了 " + gone + " 课的记录。" : "这台设备上没有记录。";
    } catch (blocked) {
      told.textContent = "这个浏览器不许网页保存东西，所以本来就没有记录。";
    }
  });
})();
