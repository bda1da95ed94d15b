/* nbuf/detail/node_script.h - the JavaScript half. Part of nbuf_node.h.
 * SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_NODE_SCRIPT_H
#define NBUF_DETAIL_NODE_SCRIPT_H

/* Evaluated once per environment; gives [resolve, attach, table].
 *
 * Why a script: Node-API 8 cannot tell a resizable, immutable or shared buffer, and on
 * Node 20 knows no SharedArrayBuffer or Float16Array. Asking the value's own properties
 * would believe whatever a hostile object says, so the intrinsic getters are captured
 * here, while they are still the engine's, and serve as brand checks. What comes back is
 * checked again in C: a tampered environment may be refused, but gains no memory.
 *
 * resolve(value) asks the value's method first, then a view's buffer's; after that no
 * user code runs. It returns
 *   External                  what the method gave
 *   [bytes, start, length, format, flags, of]
 *                             JavaScript's memory: a Uint8Array over all of the buffer,
 *                             the window, a character code, provider flags, and the
 *                             External of the buffer's own method or undefined
 *   number, string            a refusal: a status; the message of what the method threw
 *   undefined                 no exporter and no buffer
 *   anything else             a method that breaks the protocol
 * attach(object, external) defines the method on the object, or returns false.
 * table() is what stands at Symbol.for('nbuf.api') of the global object, if it is a plain
 * value: no getter runs. */
static inline const char* nbuf_node_script_(void) {
  return "(() => {'use strict';\n"
         "const key = Symbol.for('nbuf.exporter'), none = [], text = String;\n"
         "const {apply, defineProperty, getPrototypeOf,\n"
         "  getOwnPropertyDescriptor: own} = Reflect;\n"
         "const {isView} = ArrayBuffer, {isArray} = Array, Bytes = Uint8Array;\n"
         "const getter = (on, name) => own(on, name)?.get;\n"
         "const typed = getPrototypeOf(Bytes.prototype), view = DataView.prototype;\n"
         "const typedName = getter(typed, Symbol.toStringTag);\n"
         "const typedBuffer = getter(typed, 'buffer'), viewBuffer = getter(view, "
         "'buffer');\n"
         "const typedStart = getter(typed, 'byteOffset');\n"
         "const viewStart = getter(view, 'byteOffset');\n"
         "const typedLength = getter(typed, 'byteLength');\n"
         "const viewLength = getter(view, 'byteLength');\n"
         "const plain = ArrayBuffer.prototype, size = getter(plain, 'byteLength');\n"
         "const resizable = getter(plain, 'resizable');\n"
         "const immutable = getter(plain, 'immutable');\n"
         "const shared = typeof SharedArrayBuffer === 'function'\n"
         "  ? SharedArrayBuffer.prototype : {};\n"
         "const sharedSize = getter(shared, 'byteLength');\n"
         "const growable = getter(shared, 'growable');\n"
         "const formats = {__proto__: null, Int8Array: 'b', Uint8Array: 'B',\n"
         "  Uint8ClampedArray: 'B', Int16Array: 'h', Uint16Array: 'H', Int32Array: 'i',\n"
         "  Uint32Array: 'I', BigInt64Array: 'q', BigUint64Array: 'Q',\n"
         "  Float16Array: 'e', Float32Array: 'f', Float64Array: 'd'};\n"
         "for (const name in formats) formats[name] = formats[name].charCodeAt(0);\n"
         /* A getter's answer, undefined where it is missing or of another brand. */
         "const ask = (get, on) => {\n"
         "  if (get === undefined) return undefined;\n"
         "  try { return apply(get, on, none); } catch { return undefined; }\n"
         "};\n"
         "const say = (thrown) => {\n"
         "  try {\n"
         "    const {message} = thrown;\n"
         "    return typeof message === 'string' ? message : text(thrown);\n"
         "  } catch { return 'it threw something without a message'; }\n"
         "};\n"
         /* undefined: no method; null: anything that cannot be an External. */
         "const find = (on) => {\n"
         "  const method = on[key];\n"
         "  if (method === undefined || method === null) return undefined;\n"
         "  if (typeof method !== 'function') return null;\n"
         "  const found = apply(method, on, none);\n"
         "  return typeof found === 'object' && !isArray(found) ? found : null;\n"
         "};\n"
         "const memory = (buffer, start, length, format, of) => {\n"
         /* The prototype is a hint only: a wrong first guess costs a thrown error. */
         "  let flags = getPrototypeOf(buffer) === shared ? 4 : 2;\n"
         "  let all = ask(flags === 2 ? size : sharedSize, buffer);\n"
         "  if (all === undefined) {\n"
         "    flags = 6 - flags;\n"
         "    all = ask(flags === 2 ? size : sharedSize, buffer);\n"
         "  }\n"
         "  if (all === undefined) return undefined;\n"
         "  if (ask(flags === 2 ? resizable : growable, buffer)) return 15;\n"
         "  let bytes;\n"
         "  try { bytes = new Bytes(buffer, 0, all); } catch { return 9; }\n"
         "  if (flags === 2 && ask(immutable, buffer)) flags = 3;\n"
         "  return [bytes, start, length ?? all, format, flags, of];\n"
         "};\n"
         "const resolve = (value) => {\n"
         "  try {\n"
         "    const found = find(value);\n"
         "    if (found !== undefined) return found;\n"
         "    if (!isView(value)) return memory(value, 0, undefined, 66, undefined);\n"
         "    const name = apply(typedName, value, none);\n"
         "    const isTyped = name !== undefined;\n"
         "    const format = isTyped ? formats[name] : 66;\n"
         "    if (format === undefined) return undefined;\n"
         "    const buffer = apply(isTyped ? typedBuffer : viewBuffer, value, none);\n"
         "    const of = find(buffer);\n"
         "    const start = ask(isTyped ? typedStart : viewStart, value) ?? 0;\n"
         "    const length = ask(isTyped ? typedLength : viewLength, value) ?? 0;\n"
         "    return memory(buffer, start, length, format, of);\n"
         "  } catch (thrown) { return say(thrown); }\n"
         "};\n"
         "const attach = (object, external) => {\n"
         "  try {\n"
         "    return defineProperty(object, key, {__proto__: null, configurable: true,\n"
         "      value: () => external});\n"
         "  } catch { return false; }\n"
         "};\n"
         "const world = globalThis, api = Symbol.for('nbuf.api');\n"
         "const table = () => {\n"
         "  try { return own(world, api)?.value; } catch { return undefined; }\n"
         "};\n"
         "return [resolve, attach, table];\n"
         "})()";
}

#endif /* NBUF_DETAIL_NODE_SCRIPT_H */
