{
  "target_defaults": {
    # One copy of the headers' larger functions instead of one in each translation unit.
    "defines": ["NBUF_INLINE_=inline"],
    "include_dirs": [
      "native/include",
      "native",
      "<!(node -p \"require('node-api-headers').include_dir\")"
    ],
    "cflags_cc": ["-std=gnu++17", "-fvisibility=hidden", "-ffunction-sections", "-fdata-sections", "-Wall", "-Wextra"],
    "cflags_cc!": ["-std=gnu++20"],
    # Nothing is thrown through our frames; debuggers and profilers have the frame pointers
    # that Node's own flags keep.
    "cflags": ["-fno-asynchronous-unwind-tables"]
  },
  "targets": [
    {
      # The loops over memory, and acquire: worth the size that -O3 costs elsewhere.
      "target_name": "nbuf_kernels",
      "type": "static_library",
      "sources": [
        "native/core/fill.cc",
        "native/core/host_array.cc",
        "native/core/kernels/avx2.cc",
        "native/core/kernels/levels.cc",
        "native/core/kernels/neon.cc",
        "native/core/kernels/plain.cc",
        "native/core/kernels/shuffle_plan.cc",
        "native/core/kernels/sse2.cc",
        "native/core/kernels/ssse3.cc",
        "native/core/kernels/stream.cc",
        "native/core/kernels/transpose.cc",
        "native/core/provider.cc"
      ],
      "cflags!": ["-O2"],
      "cflags_cc": ["-O3"]
    },
    {
      "target_name": "nbuf",
      "dependencies": ["nbuf_kernels"],
      "sources": [
        "native/binding/addon.cc",
        "native/binding/api_table.cc",
        "native/binding/arrays.cc",
        "native/binding/block.cc",
        "native/binding/block_release.cc",
        "native/binding/buffer_hold.cc",
        "native/binding/convert.cc",
        "native/binding/copy_async.cc",
        "native/binding/env_data.cc",
        "native/binding/exports.cc",
        "native/binding/file_functions.cc",
        "native/binding/format_functions.cc",
        "native/binding/indirect_functions.cc",
        "native/binding/js_memory.cc",
        "native/binding/memory_functions.cc",
        "native/binding/part_memory.cc",
        "native/binding/probe.cc",
        "native/binding/probe_storm.cc",
        "native/binding/providers.cc",
        "native/binding/report_functions.cc",
        "native/binding/terminate.cc",
        "native/core/api.cc",
        "native/core/chunk_threads.cc",
        "native/core/assembly.cc",
        "native/core/assembly_build.cc",
        "native/core/assembly_foreign.cc",
        "native/core/copy.cc",
        "native/core/copy_exchange.cc",
        "native/core/copy_job.cc",
        "native/core/copy_pair.cc",
        "native/core/copy_plain.cc",
        "native/core/copy_plan.cc",
        "native/core/copy_relate.cc",
        "native/core/equal.cc",
        "native/core/copy_shift.cc",
        "native/core/file_output.cc",
        "native/core/format_layout.cc",
        "native/core/format_names.cc",
        "native/core/format_numpy.cc",
        "native/core/format_parse.cc",
        "native/core/format_types.cc",
        "native/core/holders.cc",
        "native/core/host_array_change.cc",
        "native/core/import.cc",
        "native/core/layout.cc",
        "native/core/layout_algebra.cc",
        "native/core/layout_place.cc",
        "native/core/memory.cc",
        "native/core/memory_mapped.cc",
        "native/core/overlap.cc",
        "native/core/pieces.cc",
        "native/core/pointer_walk.cc",
        "native/core/surface.cc",
        "native/core/view_exporter.cc"
      ],
      "defines": ["NAPI_VERSION=8"],
      "cflags!": ["-O3"],
      "cflags_cc": ["-O2"],
      "conditions": [
        ["OS=='linux'", {
          "defines": ["NBUF_IMAGE_PINNED"],
          "ldflags": ["-static-libstdc++", "-static-libgcc", "-Wl,--exclude-libs,ALL", "-Wl,--gc-sections", "-Wl,-z,noseparate-code", "-Wl,-z,nodelete"]
        }],
        ["OS=='mac'", {
          "xcode_settings": {
            "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
            "CLANG_CXX_LIBRARY": "libc++",
            "MACOSX_DEPLOYMENT_TARGET": "11.0",
            "GCC_SYMBOLS_PRIVATE_EXTERN": "YES"
          }
        }],
        ["OS=='win'", {
          "msvs_settings": { "VCCLCompilerTool": { "AdditionalOptions": ["/std:c++17"] } }
        }]
      ]
    }
  ]
}
