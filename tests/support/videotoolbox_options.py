"""The options of Apple's encoders, which FFmpeg has on Macs only, in the form of `ffmpeg -h encoder=NAME`.

Recorded from the encoder's option tables, as far as the program uses them or might.
"""

_COMMON = """
  -allow_sw          <boolean>    E..V....... Allow software encoding (default false)
  -require_sw        <boolean>    E..V....... Require software encoding (default false)
  -realtime          <boolean>    E..V....... Hint that encoding should happen in real-time if not faster (default false)
  -frames_before     <boolean>    E..V....... Other frames will come before the frames in this session (default false)
  -frames_after      <boolean>    E..V....... Other frames will come after the frames in this session (default false)
  -q                 <int>        E..V....... The quality, of ffmpeg itself (from 0 to 100)
"""

RECORDED = {
    "hevc_videotoolbox": _COMMON
    + """
  -profile           <int>        E..V....... Profile (from -99 to INT_MAX) (default -99)
     main            1            E..V....... Main Profile
     main10          2            E..V....... Main10 Profile
  -alpha_quality     <double>     E..V....... Compression quality for the alpha channel (from 0 to 1) (default 0)
""",
    "h264_videotoolbox": _COMMON
    + """
  -profile           <int>        E..V....... Profile (from -99 to INT_MAX) (default -99)
     baseline        66           E..V....... Baseline Profile
     main            77           E..V....... Main Profile
     high            100          E..V....... High Profile
     extended        88           E..V....... Extend Profile
  -level             <int>        E..V....... Level (from 0 to 52) (default 0)
  -coder             <int>        E..V....... Entropy coding (from -1 to 2) (default -1)
  -a53cc             <boolean>    E..V....... Use A53 Closed Captions (if available) (default true)
""",
}
