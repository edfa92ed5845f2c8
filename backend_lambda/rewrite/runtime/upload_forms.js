// Forms with large files or texts (R10), see upload_bridge.js: a form of ours goes instead, to the same place with a note.

const { FormData, HTMLFormElement, URLSearchParams } = self;

const FORM_TYPE = "application/x-www-form-urlencoded"; // scripts add a charset, forms do not
const nativeElements = HTMLFormElement && Object.getOwnPropertyDescriptor(HTMLFormElement.prototype, "elements").get;

onRealm((realm) => {
  const proto = realm.HTMLFormElement?.prototype;
  if (!config.sockets || !proto) return;
  const busy = new WeakSet();
  const nativeSubmit = proto.submit;

  /** What the submission is, if it is large and goes to this tunnel. Fields of a form hide its properties. */
  const submission = (form, submitter) => {
    const own = (name) => {
      const given = submitter && getAttribute.call(submitter, `form${name}`);
      return given ?? getAttribute.call(form, name) ?? "";
    };
    if (!/^post$/i.test(own("method")) || /^text\/plain$/i.test(own("enctype"))) return undefined;
    // Making the data tells the app, so not without need. One character may become `%E2%82%AC`.
    const most = sum(Array.from(nativeElements.call(form), ({ files, value }) =>
      (files ? sum(Array.from(files, sizeOf)) : typeof value === "string" ? value.length * 9 : 0) + OF_A_PART));
    if (most <= MOST_UPLOAD) return undefined;
    const action = destinationOf(own("action").trim() || realm.location.href, realm.document.baseURI);
    const path = uploadPath(action);
    if (path === undefined) return undefined;
    const data = new FormData(form, submitter ?? undefined);
    const isMultipart = /^multipart\/form-data$/i.test(own("enctype"));
    const body = isMultipart ? data : new URLSearchParams(Array.from(data, ([name, value]) => [name, value.name ?? value]));
    return isLarge(body) ? { form, action, path, body, isMultipart, target: own("target") } : undefined;
  };

  const carry = async ({ form, action, path, body, isMultipart, target }) => {
    let note;
    try {
      const [blob, type] = await serialized(body);
      const room = await askForRoom(path, blob.size);
      if (room && (await fetch(room.url, { method: "PUT", body: plain(blob), credentials: "omit" })).ok) {
        note = new URLSearchParams(noteFor(room, blob.size, "type", isMultipart ? type : FORM_TYPE));
      }
    } catch {
      // The form itself will hear why not.
    }
    busy.delete(form);
    if (!note) {
      nativeSubmit.call(form); // without its button, whose name does not matter for an answer of the gateway
      return;
    }
    const { document } = realm;
    const carrier = document.createElement("form");
    for (const [name, value] of [["method", "post"], ["action", action], ["target", target], ["hidden", ""]]) {
      if (value || name === "hidden") carrier.setAttribute(name, value);
    }
    for (const [name, value] of note) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = value;
      carrier.append(input);
    }
    document.documentElement.append(carrier);
    nativeSubmit.call(carrier);
    carrier.remove();
  };

  /** Whether the form goes another way than the browser's. */
  const takeOver = (form, submitter) => {
    if (busy.has(form)) return true;
    const found = attempt(() => submission(form, submitter));
    if (!found) return false;
    busy.add(form);
    carry(found);
    return true;
  };

  // After the listeners of the form and of the document, which may send it by script instead.
  onReopen(realm, () => realm.addEventListener("submit", (event) => {
    if (event.isTrusted && !event.defaultPrevented && takeOver(event.target, event.submitter)) event.preventDefault();
  }));
  wrap(proto, "submit", (native) => function () {
    if (!takeOver(this)) native.apply(this, arguments);
  });
});
