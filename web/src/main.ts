// What the browser adds to pages that are whole without it; maps and charts are loaded only where a page has them.

import added from "./added.css?url";
import { chart } from "./charts";
import { copying } from "./copy";
import { drawer } from "./drawer";
import { explorer } from "./explorer";

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = added;
document.head.append(style);

drawer();
copying();
document.querySelectorAll<HTMLElement>("section.explorer").forEach(explorer);

document.querySelectorAll<HTMLElement>("figure.chart[data-claim]").forEach(chart);
