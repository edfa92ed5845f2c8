importScripts("/worker-part.js");
onmessage = async (event) => {
  const answer = await (await fetch("/echo/worker", { method: "POST", body: event.data })).json();
  postMessage([part, answer.path, answer.size]);
};
