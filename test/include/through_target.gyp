# The same through the shipped target, which keeps the addon mapped, too.
{
  'target_defaults': {
    'dependencies': ['<!(node -p "require(\'nbuf/include\').gyp")'],
    'cflags': ['-Wall', '-Wextra', '-Werror'],
  },
  'targets': [
    {'target_name': 'c', 'sources': ['user.c']},
    {'target_name': 'cxx', 'sources': ['user.cc']},
  ],
}
