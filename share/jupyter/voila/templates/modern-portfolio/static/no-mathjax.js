// Stands where the front end expects MathJax: formulas stay as they are written, and nothing is asked of another host.
const nothing = () => {};
window.MathJax = {
  Ajax: {},
  InputJax: { TeX: { resetEquationNumbers: nothing } },
  Hub: { Config: nothing, Configured: nothing, Queue: nothing, Register: { StartupHook: nothing } },
};
