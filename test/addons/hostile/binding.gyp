# An exporter that keeps every rule, and one that breaks the rule it is asked to break.
{
  'targets': [
    {
      'target_name': 'hostile',
      'dependencies': ['../../../nbuf.gyp:nbuf'],
      'sources': ['crook.c', 'crook_acquire.c', 'hostile.c', 'honest.c', 'kit.c',
                  'liar.c', 'lies_layout.c', 'lies_memory.c', 'lies_ops.c', 'mute.c'],
      'cflags': ['-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wshadow', '-Werror',
                 '-fvisibility=hidden'],
      'cflags_c': ['-std=c99'],
      'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['/W3']}},
    },
  ],
}
