export { answer as again } from "/lib/dep.js";
