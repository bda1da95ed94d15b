# A consumer of the table of functions that the nbuf package publishes.
{
  'targets': [
    {
      'target_name': 'table',
      'dependencies': ['../../../nbuf.gyp:nbuf'],
      'sources': ['table.c'],
      'cflags': ['-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wshadow', '-Werror',
                 '-fvisibility=hidden'],
      'cflags_c': ['-std=c99'],
      'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['/W3']}},
    },
  ],
}
