import { answer } from "/lib/dep.js";

const again = await import("/lib/later-in-worker.js");
postMessage([answer, again.again, (await (await fetch("/echo/module-worker")).json()).path]);
