onconnect = (event) => {
  const [port] = event.ports;
  port.onmessage = async () => port.postMessage([name, (await (await fetch("/echo/shared-worker")).json()).path]);
};
