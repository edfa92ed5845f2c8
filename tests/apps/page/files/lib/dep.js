export const answer = "a dependency";
