// Objects that show locks as HostArray does, and break one promise about them.
const { HostArray } = require('nbuf');

/** An object that passes everything on to an array, but for what `changes` says. */
function liar(changes) {
  const array = HostArray.allocate([4, 3], 'h');
  return new Proxy(array, {
    get(_target, name) {
      const value = name in changes ? changes[name] : array[name];
      return typeof value === 'function' ? value.bind(array) : value;
    },
  });
}

const refuse = (message, code) => () => {
  throw Object.assign(new Error(message), { code });
};

exports.honest = () => liar({});
exports.resizes = () => liar({ resize() {} });
exports.namesNobody = () => liar({ resize: refuse('no', 'ERR_NBUF_LOCKED') });
exports.wrongCode = () => liar({ setLayout: refuse('no', 'ERR_OUT_OF_RANGE') });
exports.neverFree = () => liar({ setLayout: refuse("'nbuf check'", 'ERR_NBUF_LOCKED') });
exports.relaysOut = () => liar({ setLayout() {} });
exports.disposeThrows = () => liar({ dispose: refuse('no', 'ERR_NBUF_LOCKED') });
exports.disposeForgets = () => liar({ dispose() {} });

/** Counts that are wrong by so many of each kind. */
function miscounting(wrong) {
  const array = HostArray.allocate([4, 3], 'h');
  return new Proxy(array, {
    get(_target, name) {
      if (name === 'locks') return wrong(array.locks);
      const value = array[name];
      return typeof value === 'function' ? value.bind(array) : value;
    },
  });
}
exports.countsMemoryOnly = () =>
  miscounting(({ memory }) => ({ memory, layout: memory }));
exports.countsNothing = () => miscounting(() => ({ memory: 0, layout: 0 }));
let most = 0;
exports.neverCollects = () =>
  miscounting(({ memory, layout }) => {
    most = Math.max(most, memory);
    return { memory: most, layout };
  });
