import { answer } from "/lib/dep.js";

export const where = answer;
export const later = () => import("/lib/later.js");
