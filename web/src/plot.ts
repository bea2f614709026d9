// The parts of Observable Plot that charts use, loaded when a reader asks for one.

export { dot, line, plot, ruleY, text } from "@observablehq/plot";
