# What an addon author writes for node-gyp: the headers of a project that may be anywhere.
{
  'target_defaults': {
    'include_dirs': ['<!(node -p "require(\'nbuf/include\').include")'],
    'cflags': ['-Wall', '-Wextra', '-Werror'],
  },
  'targets': [
    {'target_name': 'c', 'sources': ['user.c']},
    {'target_name': 'cxx', 'sources': ['user.cc']},
  ],
}
