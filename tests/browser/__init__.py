"""The playground in a real browser. A package, so that the browser ends with it: no test with a loop runs beside it."""
