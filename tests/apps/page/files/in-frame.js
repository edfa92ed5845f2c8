fetch("/echo/srcdoc").then((answer) => answer.json()).then((answer) => (parent.fromSrcdoc = answer.path));
