package rondo.tools;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The one-way arrows between modules and rooms, over the byte code of all of them. */
@AnalyzeClasses(packages = "rondo", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule annKnowsNobody = noClasses()
            .that()
            .resideInAPackage("rondo.ann..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "rondo.agents..",
                    "rondo.reward..",
                    "rondo.kernel..",
                    "rondo.client..",
                    "rondo.wire..",
                    "rondo.tools..");

    @ArchTest
    static final ArchRule agentsKnowAnnOnly = noClasses()
            .that()
            .resideInAPackage("rondo.agents..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("rondo.reward..", "rondo.kernel..", "rondo.client..", "rondo.wire..", "rondo.tools..");

    @ArchTest
    static final ArchRule rewardKnowsAgents = noClasses()
            .that()
            .resideInAPackage("rondo.reward..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("rondo.kernel..", "rondo.client..", "rondo.wire..", "rondo.tools..");

    @ArchTest
    static final ArchRule clientKnowsTheWireOnly = noClasses()
            .that()
            .resideInAPackage("rondo.client..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("rondo.ann..", "rondo.agents..", "rondo.reward..", "rondo.kernel..", "rondo.tools..");

    @ArchTest
    static final ArchRule serverDoesNotKnowTools = noClasses()
            .that()
            .resideInAPackage("rondo.kernel..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("rondo.tools..");

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
            .dependOnClassesThat()
            .belongToAnyOf(java.util.Random.class, java.util.SplittableRandom.class, java.time.Clock.class);

    @ArchTest
    static final ArchRule noCyclesInAnn =
            slices().matching("rondo.ann.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule noCyclesInAgents =
            slices().matching("rondo.agents.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule noCyclesInReward =
            slices().matching("rondo.reward.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule noCyclesInKernel =
            slices().matching("rondo.kernel.(*)..").should().beFreeOfCycles();
}
