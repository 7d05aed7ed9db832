package io.divvy.rest;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Strong entity tags (RFC 9110, 8.8.3), as they stand in headers: with their quotes. Two bodies of one path never share one. */
final class EntityTag {
    static final String HEADER = "ETag";

    private static final int HASH_BYTES = 16;
    private static final Pattern LISTED = Pattern.compile("(?:W/)?(\"[^\"]*\")");
    private static final String ANY = "*";

    private EntityTag() {}

    /** @param name of a version, of characters that a tag may have */
    static String named(String name) {
        return '"' + name + '"';
    }

    /** Of exactly these bytes. */
    static String of(byte[] bytes) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return named(Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, HASH_BYTES)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each Java has SHA-256", e);
        }
    }

    /** Of the same body when it is compressed: other bytes, so another tag. */
    static String gzip(String tag) {
        return tag.substring(0, tag.length() - 1) + "-gzip\"";
    }

    /**
     * Whether a client that sent these lines of {@code If-None-Match} has what the tag names. Weak tags count: a proxy makes
     * weak ones of ours.
     */
    static boolean isListed(String tag, List<String> lines) {
        for (String line : lines) {
            Matcher listed = LISTED.matcher(line);
            while (listed.find()) {
                if (listed.group(1).equals(tag)) {
                    return true;
                }
            }
            if (line.strip().equals(ANY)) {
                return true;
            }
        }
        return false;
    }
}
