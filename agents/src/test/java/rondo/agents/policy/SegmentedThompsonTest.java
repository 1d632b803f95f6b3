package rondo.agents.policy;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class SegmentedThompsonTest {
    @Test
    void shouldKnowNothingOfASegmentThatLearntNothingAndForgetWhatOthersLearnt() {
        SegmentedThompson learner = new SegmentedThompson(2);
        learner.learn(3, 1, 1, 0.5);
        assertNotNull(learner.beliefs(3));
        assertNull(learner.beliefs(4));
        learner.forget();
        assertNotNull(learner.beliefs(3));
        assertFalse(learner.beliefs(3).steps() > 0);
    }
}
