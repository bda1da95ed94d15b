# For addons that use nbuf's headers:
#   "dependencies": ["<!(node -p \"require('nbuf/include').gyp\")"]
# Besides the include path it keeps the addon's code mapped: one that only a worker loaded
# would be unmapped at the worker's end, while its providers live on elsewhere. Where the
# linker cannot do that, nbuf_env_init does (native/include/nbuf/detail/node_pin.h).
{
  'targets': [
    {
      'target_name': 'nbuf',
      'type': 'none',
      'direct_dependent_settings': {
        'include_dirs': ['native/include'],
        'conditions': [
          ['OS=="linux"', {
            'ldflags': ['-Wl,-z,nodelete'],
            'defines': ['NBUF_IMAGE_PINNED'],
          }],
        ],
      },
    },
  ],
}
