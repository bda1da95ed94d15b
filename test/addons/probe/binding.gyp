# probe: a consumer, in two translation units, through the shipped gyp target.
# lender: an exporter that has nothing but the include path, so that nbuf_env_init must
# keep its code mapped (without -z nodelete).
{
  'target_defaults': {
    'cflags': ['-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wshadow', '-Werror',
               '-fvisibility=hidden'],
    'cflags_c': ['-std=c99'],
    'cflags_cc': ['-std=c++17'],
    'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['/W3']}},
    'xcode_settings': {'CLANG_CXX_LANGUAGE_STANDARD': 'c++17'},
  },
  'targets': [
    {
      'target_name': 'probe',
      'dependencies': ['../../../nbuf.gyp:nbuf'],
      'sources': ['probe.c', 'probe_values.c', 'probe_walk.c', 'probe_second.cc',
                  'probe_kept.cc'],
    },
    {
      'target_name': 'lender',
      'include_dirs': ['../../../native/include'],
      'sources': ['lender.c', 'lender_liars.c', 'lender_strided.c',
                  'lender_passing.c'],
    },
  ],
}
