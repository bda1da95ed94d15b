{
  'targets': [
    {
      'target_name': 'stats',
      'sources': ['stats.c', 'compute.c'],
      # Outside of this repository: '<!(node -p "require(\'nbuf/include\').gyp")'
      'dependencies': ['../../nbuf.gyp:nbuf'],
      'cflags_c': ['-std=c99', '-fvisibility=hidden', '-Wall', '-Wextra', '-Wpedantic'],
    },
  ],
}
