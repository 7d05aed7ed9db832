package io.divvy.rest;

import io.divvy.protocol.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Requests that a web page of another origin makes a browser send. Its {@code Origin} gives a page away that wants to read or
 * to change something. A plain GET, such as that of a picture, has none, and the page cannot read the answer, but may tell from
 * the time that it took, or from whether it failed, what there is; {@code Sec-Fetch-Site} gives that away. So people may follow
 * a link to here, and nothing of here can be a part of another site (web.dev/articles/fetch-metadata).
 */
final class ForeignPages {
    private static final Set<String> FOREIGN = Set.of("cross-site", "same-site");
    /** They say the same to everybody. */
    private static final Set<String> PUBLIC = Set.of("/health", "/ready");

    private ForeignPages() {}

    /** What is wrong with a request that a page of another origin caused; null if none did. */
    static @Nullable Problem complaint(RequestHead request) {
        String host = request.header("Host");
        List<String> origins = request.headers("Origin");
        for (String origin : origins) {
            if (!origin.replaceFirst("^https?://", "").equalsIgnoreCase(host)) {
                return forbidden("header Origin: pages of " + Parameters.quoted(origin) + " may not use this server");
            }
        }
        String site = request.header("Sec-Fetch-Site");
        if (site != null
                && FOREIGN.contains(site)
                && origins.isEmpty()
                && !PUBLIC.contains(request.path())
                && !isNavigation(request)) {
            return forbidden("header Sec-Fetch-Site: " + site
                    + ": pages of another origin may not use this server; a person may open the address itself");
        }
        return null;
    }

    /** Somebody follows a link, and sees the answer as a page of its own. */
    private static boolean isNavigation(RequestHead request) {
        return request.method().equals("GET")
                && "navigate".equals(request.header("Sec-Fetch-Mode"))
                && "document".equals(request.header("Sec-Fetch-Dest"));
    }

    private static Problem forbidden(String detail) {
        return new Problem(403, ErrorCode.UNAUTHORIZED, detail, Map.of());
    }
}
