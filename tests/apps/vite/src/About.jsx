import "./about.css";

export function Component() {
  return <h1 className="about">About</h1>;
}
