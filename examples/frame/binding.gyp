{
  'targets': [
    {
      'target_name': 'frame',
      'sources': ['frame.cc'],
      'dependencies': [
        '<!(node -p "require(\'node-addon-api\').targets"):node_addon_api',
        # Outside of this repository: '<!(node -p "require(\'nbuf/include\').gyp")'
        '../../nbuf.gyp:nbuf',
      ],
      'defines': ['NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS'],
      'cflags_cc': ['-std=c++17', '-fvisibility=hidden', '-Wall', '-Wextra'],
      'xcode_settings': {'CLANG_CXX_LANGUAGE_STANDARD': 'c++17'},
      'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['/std:c++17']}},
    },
  ],
}
