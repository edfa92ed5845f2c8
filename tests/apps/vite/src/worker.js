import { sum } from "./sum.js";

self.onmessage = (event) => self.postMessage(`The sum is ${sum(event.data)}`);
