// Small hooks on top of `wrap`: what goes into a method or constructor, what comes out, and both sides of a property.
// The browser's own code runs exactly once, with what the app gave if a hook fails.

/** `edit(args)`, called with the method's `this`, changes the list of arguments in place. */
function wrapArguments(object, name, edit) {
  wrap(object, name, (native) => function (...args) {
    const edited = [...args];
    try {
      edit.call(this, edited);
    } catch {
      return call(native, this, args, new.target);
    }
    return call(native, this, edited, new.target);
  });
}

/** The argument at that place, if there is one, becomes `map(argument)`. */
const wrapArgument = (object, name, index, map) =>
  wrapArguments(object, name, (args) => { if (index < args.length) args[index] = map(args[index]); });

/** `edit(result, ...args)` tells what the app gets instead of the result. */
function wrapResult(object, name, edit) {
  wrap(object, name, (native) => function (...args) {
    return edited(edit, this, native.apply(this, args), args);
  });
}

/** `unmap(value)` is what the app reads, `map(value)` what the browser is given; either may be missing. */
function wrapValue(object, name, unmap, map) {
  wrapAccessor(object, name, {
    get: unmap && function (native) { return edited(unmap, this, native.call(this), []); },
    set: map && function (native, value) { native.call(this, edited(map, this, value, [])); },
  });
}

/** Gives a prototype an inherited property as its own, to be wrapped just there. */
function inherit(proto, name) {
  let owner = Object.getPrototypeOf(proto);
  const above = owner;
  while (owner && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  if (!owner) return;
  const property = Object.getOwnPropertyDescriptor(owner, name);
  // Methods are looked up at each call: apps replace those of Node and Element.
  if (property.value) property.value = disguise({ method(...args) { return above[name].apply(this, args); } }.method, property.value);
  change(proto, name, undefined, property);
}

const call = (native, self, args, target) =>
  target ? Reflect.construct(native, args, target) : native.apply(self, args);

function edited(edit, self, value, args) {
  try {
    return edit.call(self, value, ...args);
  } catch {
    return value;
  }
}

const reopeners = new WeakMap(); // realm → what listens there

/** Runs `listen` now and after each `document.open()`, which removes the listeners of window and document. */
function onReopen(realm, listen) {
  if (!reopeners.has(realm)) reopeners.set(realm, []);
  reopeners.get(realm).push(listen);
  listen();
}
