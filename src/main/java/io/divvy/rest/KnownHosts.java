package io.divvy.rest;

import io.divvy.protocol.ErrorCode;
import io.javalin.http.Context;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * By what names clients may reach this server. A web page can have the name of its own site lead to this machine (DNS
 * rebinding): then a browser takes this server for a part of that site, and lets the page read and do anything here. But such
 * requests carry the name of the site as {@code Host}.
 */
public final class KnownHosts {
    private static final Pattern PORT = Pattern.compile(":[0-9]*$");
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final String IPV4_LOOPBACK = "127.";
    private static final String LOCALHOST = "localhost";
    /** A name as the domain name system has them, or an address as URLs have them. */
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?\\.?|\\[[0-9A-Fa-f:.]{2,45}]");

    /** A page of another site has a name; so an address is safe wherever the server can be reached from other machines. */
    private final boolean takesAddresses;

    private final Set<String> names = new HashSet<>();

    private KnownHosts(InetAddress listensAt, Collection<String> others) {
        takesAddresses = !listensAt.isLoopbackAddress();
        others.forEach(name -> names.add(normal(name)));
    }

    /** @param others names for which {@link #isName} holds, beside those of the loopback address */
    public static KnownHosts of(InetAddress listensAt, Collection<String> others) {
        return new KnownHosts(listensAt, others);
    }

    /** Whether it is what a URL can have as its host, without a port. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** @param host what a client calls this server, with or without a port */
    boolean contains(String host) {
        String name = normal(withoutPort(host));
        boolean isAddress = IPV4.matcher(name).matches() || name.startsWith("[");
        boolean isLoopback = isAddress
                ? name.startsWith(IPV4_LOOPBACK) || isIpv6Loopback(name)
                : name.equals(LOCALHOST) || name.endsWith("." + LOCALHOST);
        return isLoopback || isAddress && takesAddresses || names.contains(name);
    }

    /** In any of the forms that such an address can be written in. */
    private static boolean isIpv6Loopback(String name) {
        try {
            return name.startsWith("[")
                    && isName(name) // Or it would be looked up.
                    && InetAddress.getByName(name).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static String withoutPort(String host) {
        return PORT.matcher(host).replaceFirst("");
    }

    /** A name may end with a dot, and be written in any case. */
    private static String normal(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private static String wayOut(String host) {
        String name = withoutPort(host);
        return isName(name) ? "; if it is meant to be one, start the server with --allow-host " + name : "";
    }

    /** What is wrong with a request that came by another name, or from a page of another site; null if nothing is. */
    @Nullable
    Problem complaint(Context request) {
        return complaint(RequestHead.of(request));
    }

    @Nullable
    Problem complaint(RequestHead request) {
        String host = request.header("Host");
        if (host != null && !contains(host)) {
            return new Problem(
                    421,
                    ErrorCode.BAD_MESSAGE,
                    "header Host: " + Parameters.quoted(host) + " is no name of this server" + wayOut(host),
                    Map.of());
        }
        return ForeignPages.complaint(request);
    }
}
