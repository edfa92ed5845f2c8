import { useEffect, useState } from "react";
import logo from "./logo.svg";

export function Home() {
  const [count, setCount] = useState(0);
  const [sum, setSum] = useState("");
  useEffect(() => {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.onmessage = (event) => setSum(event.data);
    worker.postMessage([1, 2, 3]);
    return () => worker.terminate();
  }, []);
  return (
    <main>
      <h1>Readers, first edition</h1>
      <img id="logo" src={logo} alt="" /> <img id="icon" src="/icon.svg" alt="" />
      <button onClick={() => setCount(count + 1)}>Count {count}</button>
      <p id="sum">{sum}</p>
    </main>
  );
}
