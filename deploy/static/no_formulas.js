/* Voila asks for MathJax from far away unless told another place. Young children's lessons hold no formulas. */
