/* Voila asks for MathJax from far away unless told another place. Young children's lessons hold no formulas: this answers
   its start-up questions and does nothing. */
(function () {
  function nothing() {}
  window.MathJax = { Hub: { Config: nothing, Configured: nothing, Queue: nothing, Register: { StartupHook: nothing } } };
})();
