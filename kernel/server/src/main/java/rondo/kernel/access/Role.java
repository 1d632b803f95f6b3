package rondo.kernel.access;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What somebody may be trusted with. */
public enum Role {
    /** Asks for slates. */
    SERVE,
    /** Reports what became of them. */
    OUTCOME,
    /** Changes which policies are in force. */
    POLICY,
    /** Looks at metrics, agents and rewards. */
    OBSERVE;

    /**
     * Reads names with commas between, or {@code none}.
     *
     * @throws IllegalArgumentException when there is another name.
     */
    public static Set<Role> parse(String names) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        if (names.equals("none")) {
            return roles;
        }
        for (String name : names.split(",", -1)) {
            roles.add(ofLabel(name.strip()));
        }
        return roles;
    }

    private static Role ofLabel(String label) {
        for (Role role : values()) {
            if (role.label().equals(label)) {
                return role;
            }
        }
        throw new IllegalArgumentException("a role is one of "
                + Stream.of(values()).map(Role::label).collect(Collectors.joining(", ")) + ", or none for nobody: role="
                + label);
    }

    /** Its name in settings and messages. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
