/* layout_frozen.c - contains no code: compiling it, as C99 or C++, is the check that
 * every offset, size and number of the C ABI is what it was when it was frozen. If this
 * fails, do not change what stands here: append members (then append them here, too, and
 * let SIZE grow), or take a new type tag (nbuf_node.h). */
#include "nbuf/nbuf.h"

#define FROZEN(name, condition) typedef char frozen_##name[(condition) ? 1 : -1]

/* Columns: 64-bit pointers; 32-bit pointers with int64_t aligned to 8 (ARM, Windows); and
 * to 4 (i386). */
#if UINTPTR_MAX > 0xffffffffu
#define PICK(lp64, ilp32, i386) (lp64)
#elif defined(__i386__) && !defined(_WIN32)
#define PICK(lp64, ilp32, i386) (i386)
#else
#define PICK(lp64, ilp32, i386) (ilp32)
#endif
#define SIZE(type, lp64, ilp32, i386) \
  FROZEN(size_of_##type, sizeof(type) == PICK(lp64, ilp32, i386))
#define AT(type, member, lp64, ilp32, i386) \
  FROZEN(type##_##member, offsetof(type, member) == PICK(lp64, ilp32, i386))

SIZE(nbuf_status, 4, 4, 4);
AT(nbuf_error, struct_size, 0, 0, 0);
AT(nbuf_error, status, 4, 4, 4);
AT(nbuf_error, message, 8, 8, 8);
/* 256 bytes at first; what follows came later: only with NBUF_HAS. */
AT(nbuf_error, unmet, 256, 256, 256);
AT(nbuf_error, grantable, 260, 260, 260);
SIZE(nbuf_error, 264, 264, 264);

AT(nbuf_request, struct_size, 0, 0, 0);
AT(nbuf_request, flags, 4, 4, 4);
AT(nbuf_request, label, 8, 8, 8);
SIZE(nbuf_request, 16, 12, 12);

AT(nbuf_block, base, 0, 0, 0);
AT(nbuf_block, size, 8, 8, 4);
AT(nbuf_block, id, 16, 16, 12);
AT(nbuf_block, flags, 24, 24, 20);
AT(nbuf_block, reserved, 28, 28, 24);
SIZE(nbuf_block, 32, 32, 28); /* for ever: arrays of it have no struct_size */

AT(nbuf_provider_ops, struct_size, 0, 0, 0);
AT(nbuf_provider_ops, reserved, 4, 4, 4);
AT(nbuf_provider_ops, retain, 8, 8, 8);
AT(nbuf_provider_ops, release, 16, 12, 12);
AT(nbuf_provider_ops, unlock_layout, 24, 16, 16);
SIZE(nbuf_provider_ops, 32, 20, 20);

AT(nbuf_provider, struct_size, 0, 0, 0);
AT(nbuf_provider, flags, 4, 4, 4);
AT(nbuf_provider, ops, 8, 8, 8);
AT(nbuf_provider, buf, 16, 12, 12);
AT(nbuf_provider, len, 24, 16, 16);
AT(nbuf_provider, itemsize, 32, 24, 24);
AT(nbuf_provider, ndim, 40, 32, 32);
AT(nbuf_provider, block_count, 44, 36, 36);
AT(nbuf_provider, format, 48, 40, 40);
AT(nbuf_provider, shape, 56, 44, 44);
AT(nbuf_provider, strides, 64, 48, 48);
AT(nbuf_provider, suboffsets, 72, 52, 52);
AT(nbuf_provider, blocks, 80, 56, 56);
AT(nbuf_provider, level_count, 88, 60, 60);
AT(nbuf_provider, reserved, 92, 64, 64);
AT(nbuf_provider, axis_level, 96, 68, 68);
AT(nbuf_provider, post_offsets, 104, 72, 72);
SIZE(nbuf_provider, 112, 80, 76); /* ilp32: the next member begins at 80, not at 76 */

AT(nbuf_exporter_ops, struct_size, 0, 0, 0);
AT(nbuf_exporter_ops, reserved, 4, 4, 4);
AT(nbuf_exporter_ops, retain, 8, 8, 8);
AT(nbuf_exporter_ops, release, 16, 12, 12);
AT(nbuf_exporter_ops, acquire, 24, 16, 16);
SIZE(nbuf_exporter_ops, 32, 20, 20);

AT(nbuf_exporter, ops, 0, 0, 0);
SIZE(nbuf_exporter, 8, 4, 4);

AT(nbuf_copy_options, struct_size, 0, 0, 0);
AT(nbuf_copy_options, flags, 4, 4, 4);
AT(nbuf_copy_options, swap, 8, 8, 8);
AT(nbuf_copy_options, reserved, 12, 12, 12);
SIZE(nbuf_copy_options, 16, 16, 16);

AT(nbuf_equal_options, struct_size, 0, 0, 0);
AT(nbuf_equal_options, flags, 4, 4, 4);
AT(nbuf_equal_options, compare, 8, 8, 8);
AT(nbuf_equal_options, swap, 12, 12, 12);
SIZE(nbuf_equal_options, 16, 16, 16);

AT(nbuf_api, struct_size, 0, 0, 0);
AT(nbuf_api, reserved, 4, 4, 4);
AT(nbuf_api, copy, 8, 8, 8);
AT(nbuf_api, pack, 16, 12, 12);
AT(nbuf_api, unpack, 24, 16, 16);
AT(nbuf_api, fill, 32, 20, 20);
AT(nbuf_api, equal, 40, 24, 24);
SIZE(nbuf_api, 48, 28, 28);

/* Not exchanged between addons, but written down in everybody's source. */
AT(nbuf_pointer_export, struct_size, 0, 0, 0);
AT(nbuf_pointer_export, flags, 4, 4, 4);
AT(nbuf_pointer_export, buf, 8, 8, 8);
AT(nbuf_pointer_export, itemsize, 16, 16, 12);
AT(nbuf_pointer_export, ndim, 24, 24, 20);
AT(nbuf_pointer_export, reserved, 28, 28, 24);
AT(nbuf_pointer_export, format, 32, 32, 28);
AT(nbuf_pointer_export, shape, 40, 36, 32);
AT(nbuf_pointer_export, strides, 48, 40, 36);
AT(nbuf_pointer_export, base, 56, 44, 40);
AT(nbuf_pointer_export, size, 64, 48, 44);
AT(nbuf_pointer_export, block, 72, 56, 52);
AT(nbuf_pointer_export, free, 80, 64, 60);
AT(nbuf_pointer_export, context, 88, 68, 64);
SIZE(nbuf_pointer_export, 96, 72, 68);

#define VALUE(name, value) FROZEN(value_##name, NBUF_##name == (value))
VALUE(OK, 0);
VALUE(LOCKED, 1);
VALUE(ERR_LOCKED, 1);
VALUE(ERR_READONLY, 2);
VALUE(ERR_CONTIGUITY, 3);
VALUE(ERR_SUBOFFSETS, 4);
VALUE(ERR_STRIDES, 5);
VALUE(ERR_FORMAT, 6);
VALUE(ERR_BOUNDS, 7);
VALUE(ERR_RELEASED, 8);
VALUE(ERR_DETACHED, 9);
VALUE(ERR_EXTERNAL_FORBIDDEN, 10);
VALUE(ERR_NOT_EXPORTER, 11);
VALUE(ERR_ABI, 12);
VALUE(ERR_NOMEM, 13);
VALUE(ERR_IO, 14);
VALUE(ERR_UNSUPPORTED, 15);
VALUE(ERR_INVALID_ARG_TYPE, 16);
VALUE(ERR_OUT_OF_RANGE, 17);

VALUE(SIMPLE, 0x0u);
VALUE(WRITABLE, 0x1u);
VALUE(FORMAT, 0x4u);
VALUE(ND, 0x8u);
VALUE(STRIDES, 0x18u);
VALUE(C_CONTIGUOUS, 0x38u);
VALUE(F_CONTIGUOUS, 0x58u);
VALUE(ANY_CONTIGUOUS, 0x98u);
VALUE(INDIRECT, 0x118u);
VALUE(CONTIG, 0x9u);
VALUE(CONTIG_RO, 0x8u);
VALUE(STRIDED, 0x19u);
VALUE(STRIDED_RO, 0x18u);
VALUE(RECORDS, 0x1du);
VALUE(RECORDS_RO, 0x1cu);
VALUE(FULL, 0x11du);
VALUE(FULL_RO, 0x11cu);
VALUE(LAYOUT_SNAPSHOT, 0x10000u);
VALUE(LEVELS, 0x20000u);
VALUE(REQUIRE_PINNED, 0x40000u);
VALUE(REQUEST_MASK, 0x701fdu);
VALUE(READONLY, 0x1u);
VALUE(BORROWED, 0x2u);
VALUE(ENV_BOUND, 0x4u);
VALUE(TABLE, 0x1u);
VALUE(COMPARE_BYTES, 0);
VALUE(COMPARE_FLOAT16, 1);
VALUE(COMPARE_FLOAT32, 2);
VALUE(COMPARE_FLOAT64, 3);
VALUE(NAN_EQUAL, 0x1u);
VALUE(MAX_NDIM, 64);
VALUE(MAX_LABEL, 63);
