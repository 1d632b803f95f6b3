package rondo.kernel.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OperationTest {
    /** Operation, the role it takes, and the transports that carry it, in the order of {@link Transport}. */
    private static final String TABLE = """
            HEALTH      -       x x x x x
            RECOMMEND   SERVE   x x x x x
            ATTACH      SERVE   - x x - -
            OUTCOME     OUTCOME x x x x x
            INTERACTION OUTCOME x x x x -
            METRICS     OBSERVE - - - - x
            AGENTS      OBSERVE - - - - x
            REWARDS     OBSERVE - - - - x
            PLAN        OBSERVE - - - - x
            POLICY      POLICY  - - - - x
            """;

    /** Whether the table lets somebody with these roles do something over a transport. */
    static boolean isAllowedByTable(Operation operation, Transport transport, Set<Role> roles) {
        for (String line : TABLE.lines().toList()) {
            List<String> cells = List.of(line.trim().split(" +"));
            if (cells.getFirst().equals(operation.name())) {
                boolean hasRole = cells.get(1).equals("-") || roles.contains(Role.valueOf(cells.get(1)));
                return hasRole && cells.get(2 + transport.ordinal()).equals("x");
            }
        }
        return false;
    }

    @Test
    void shouldAllowWhatTheTableSaysAndNothingElse() {
        int cells = 0;
        for (int bits = 0; bits < 1 << Role.values().length; bits++) {
            Set<Role> roles = EnumSet.noneOf(Role.class);
            for (Role role : Role.values()) {
                if ((bits >>> role.ordinal() & 1) != 0) {
                    roles.add(role);
                }
            }
            for (Transport transport : Transport.values()) {
                int allowed = Operation.allowed(transport, roles);
                for (Operation operation : Operation.values()) {
                    assertEquals(
                            isAllowedByTable(operation, transport, roles),
                            (allowed & operation.bit()) != 0,
                            operation + " over " + transport + " by " + roles);
                    cells++;
                }
            }
        }
        assertEquals(16 * 5 * 10, cells);
    }

    @Test
    void shouldSayWhichRoleIsMissing() {
        assertTrue(Operation.POLICY.refusal(Transport.ADMIN).contains("role policy"));
        assertTrue(Operation.POLICY.refusal(Transport.TCP).contains("not for this transport"));
    }

    @Test
    void shouldReadRolesAndRefuseOthers() {
        assertEquals(EnumSet.of(Role.SERVE, Role.OUTCOME), Role.parse("serve, outcome"));
        assertEquals(Set.of(), Role.parse("none"));
        for (String wrong : List.of("", "root", "serve,", "none,serve", "SERVE")) {
            assertThrows(IllegalArgumentException.class, () -> Role.parse(wrong), wrong);
        }
    }
}
