package io.divvy.cli;

import io.divvy.protocol.ProtocolLimits;
import io.divvy.rest.KnownHosts;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What this machine calls itself. */
final class HostName {
    private static final String LOCALHOST = "localhost";
    private static final String ADDRESS = "[0-9.]*|.*:.*";

    private HostName() {}

    /** What a worker is called that was given no name. */
    static String forWorker() {
        try {
            String name = InetAddress.getLocalHost().getHostName();
            return name.substring(0, Math.min(ProtocolLimits.MAX_NAME_CHARS, name.length()));
        } catch (UnknownHostException e) {
            return "worker"; // A machine whose name leads nowhere; its address tells it apart from others.
        }
    }

    /** Its name as it is set, that of its address, and both without their domains; none if its name leads nowhere. */
    static List<String> allOfThisMachine() {
        try {
            InetAddress address = InetAddress.getLocalHost();
            return namesOf(address.getHostName(), address.getCanonicalHostName());
        } catch (UnknownHostException e) {
            return List.of();
        }
    }

    /** The names among these, long and short. */
    static List<String> namesOf(String... hosts) {
        Set<String> names = new LinkedHashSet<>();
        for (String host : hosts) {
            String shortName = host.replaceFirst("\\..*", "");
            if (!host.matches(ADDRESS) && KnownHosts.isName(host) && !shortName.equals(LOCALHOST)) {
                names.add(shortName);
                names.add(host);
            }
        }
        return List.copyOf(names);
    }

    /** For who starts a server that other machines can reach: nothing else says by what names clients find it. */
    static String said(List<String> namesOfMachine) {
        return namesOfMachine.isEmpty()
                ? "divvy: HTTP clients reach this server by its addresses and by no name; --allow-host gives it one"
                : "divvy: HTTP clients reach this server by its addresses and as " + String.join(", ", namesOfMachine)
                        + "; --allow-host gives it other names";
    }
}
