package io.divvy.cli;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of the host in a URL, the one that answered before first: Java's HTTP client knows only the first of a name. Over
 * TLS that is all, because the certificate is for the name.
 */
final class HostAddresses {
    /** Looks a name up. */
    @FunctionalInterface
    interface Lookup {
        InetAddress[] all(String name) throws UnknownHostException;
    }

    private final String host;
    private final boolean isPlain;
    private final Lookup lookup;
    private volatile @Nullable InetAddress preferred;

    private HostAddresses(URI url, Lookup lookup) {
        this.host = Objects.requireNonNull(url.getHost());
        this.isPlain = "http".equalsIgnoreCase(url.getScheme());
        this.lookup = lookup;
    }

    static HostAddresses of(URI url) {
        return of(url, InetAddress::getAllByName);
    }

    static HostAddresses of(URI url, Lookup lookup) {
        return new HostAddresses(url, lookup);
    }

    /** A URL of this host at each of its addresses, in the order in which they are to be tried; at least one. */
    List<Place> places(URI url) throws UnknownHostException {
        InetAddress[] all = lookup.all(host);
        List<Place> places = new ArrayList<>();
        // As it is: the name in it may say more than the address, to a proxy for instance.
        places.add(new Place(all[0], url));
        for (int i = 1; isPlain && i < all.length; i++) {
            Place place = new Place(all[i], at(all[i], url));
            places.add(all[i].equals(preferred) ? 0 : i, place);
        }
        return places;
    }

    /** From now on this one is tried first. */
    void prefer(Place place) {
        preferred = place.address;
    }

    record Place(InetAddress address, URI url) {}

    private static URI at(InetAddress address, URI url) {
        String literal = address instanceof Inet6Address
                ? "[" + address.getHostAddress().replace("%", "%25") + "]"
                : address.getHostAddress();
        String port = url.getPort() < 0 ? "" : ":" + url.getPort();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        return URI.create("http://" + literal + port + url.getRawPath() + query);
    }
}
