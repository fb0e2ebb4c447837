/** Keeps TensorFlow's information lines out of the tests' report; it reads this when it is loaded, in any thread. */
process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
