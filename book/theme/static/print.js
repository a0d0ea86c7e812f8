[].forEach.call(document.querySelectorAll("[data-print]"), function (button) {
  button.addEventListener("click", function () { window.print(); });
});
