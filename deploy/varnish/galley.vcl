vcl 4.1;

# A cache in front of Galley's public API, purged by tag (CDN_BACKEND=surrogate-key).
#
#   GALLEY_ORIGIN_* below: edit the backend. CDN_PURGE_TOKEN: the same value here and in Galley.
#   varnishd -f galley.vcl -a :6081     needs varnish-modules (xkey)
#
# Galley decides what may be kept and how long (Cache-Control); this file adds no rule of its own.

import std;
import xkey;

backend origin {
    .host = "127.0.0.1";
    .port = "8000";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        # Without a token nobody may purge: an open purge is a way to overload the origin.
        if (std.getenv("CDN_PURGE_TOKEN") == "" || req.http.X-Purge-Token != std.getenv("CDN_PURGE_TOKEN")) {
            return (synth(403, "Forbidden"));
        }
        if (!req.http.Surrogate-Key) {
            return (synth(400, "Name the surrogate keys"));
        }
        # At once, not softly: an unpublished page must not be shown once more.
        return (synth(200, "Purged " + xkey.purge(req.http.Surrogate-Key)));
    }
    if (req.http.Authorization) {
        return (pass);
    }
    # The public API sets and reads no cookies.
    if (req.url ~ "^/api/v1/") {
        unset req.http.Cookie;
        # A list has two forms, and the stored one is JSON: whatever else a caller names, he gets that.
        if (req.http.Accept ~ "(?i)application/x-ndjson") {
            return (pass);
        }
        set req.http.Accept = "application/json";
    }
}

sub vcl_backend_response {
    # xkey reads this header when the object is stored.
    set beresp.http.xkey = beresp.http.Surrogate-Key;
}

sub vcl_deliver {
    set resp.http.X-Cache = "miss";
    if (obj.hits > 0) {
        set resp.http.X-Cache = "hit";
    }
    unset resp.http.xkey;
    unset resp.http.Surrogate-Key;
}
