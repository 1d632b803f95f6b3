package rondo.tools;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** The one-way arrows between modules and rooms, over the byte code of all of them. */
@AnalyzeClasses(packages = "rondo", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule annKnowsNobody = noClasses()
            .that()
            .resideInAPackage("rondo.ann..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("rondo.agents..", "rondo.reward..", "rondo.kernel..", "rondo.client..", "rondo.wire..");

    @ArchTest
    static final ArchRule agentsKnowAnnOnly = noClasses()
            .that()
            .resideInAPackage("rondo.agents..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("rondo.reward..", "rondo.kernel..", "rondo.client..", "rondo.wire..");

    @ArchTest
    static final ArchRule rewardKnowsAgents = noClasses()
            .that()
            .resideInAPackage("rondo.reward..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("rondo.kernel..", "rondo.client..", "rondo.wire..");

    @ArchTest
    static final ArchRule clientKnowsTheWireOnly = noClasses()
            .that()
            .resideInAPackage("rondo.client..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("rondo.ann..", "rondo.agents..", "rondo.reward..", "rondo.kernel..");

    @ArchTest
    static final ArchRule nobodyKnowsTheTopModules = noClasses()
            .that()
            .resideOutsideOfPackages("rondo.tools..", "rondo.jmh..", "rondo.nativeconfig..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("rondo.tools..", "rondo.jmh..", "rondo.nativeconfig..");

    @ArchTest
    static final ArchRule topModulesDoNotKnowEachOther = noClasses()
            .that()
            .resideInAPackage("rondo.tools..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("rondo.jmh..", "rondo.nativeconfig..");

    @ArchTest
    static final ArchRule chronicleStaysInItsRooms = noClasses()
            .that()
            .resideOutsideOfPackages("rondo.kernel.journal..", "rondo.kernel.state..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("net.openhft..");

    @ArchTest
    static final ArchRule disruptorStaysInItsRooms = noClasses()
            .that()
            .resideOutsideOfPackages("rondo.kernel.pipeline..", "rondo.reward..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.lmax..");

    @ArchTest
    static final ArchRule sqlStaysInItsRoom = noClasses()
            .that()
            .resideOutsideOfPackage("rondo.tools.imports..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "org.duckdb..");

    @ArchTest
    static final ArchRule noClockInWhatMustReplay = noClasses()
            .that()
            .resideInAnyPackage("rondo.ann..", "rondo.agents..", "rondo.reward..")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(
                    Random.class, SplittableRandom.class, ThreadLocalRandom.class, SecureRandom.class, Clock.class);

    /** Every package is a slice of its own, so that the root of a module counts beside its rooms. */
    @ArchTest
    static final ArchRule noCyclesBetweenPackages =
            slices().matching("rondo.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule hotPathsKeepTheirPromise = classes().should(new HotPathCondition());

    @ArchTest
    static void everyPackageSaysWhatItIsFor(JavaClasses ignored) throws IOException {
        List<Path> silent = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("rondo.root")))) {
            List<Path> rooms = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().contains("/src/main/java/"))
                    .map(Path::getParent)
                    .distinct()
                    .toList();
            assertFalse(rooms.isEmpty());
            for (Path room : rooms) {
                Path page = room.resolve("package-info.java");
                if (!Files.exists(page) || !Files.readString(page).startsWith("/**")) {
                    silent.add(room);
                }
            }
        }
        assertTrue(silent.isEmpty(), "rooms without a package-info.java that begins with Javadoc: " + silent);
    }
}
