import { act } from "@testing-library/react";
import * as testKit from "test-kit/world";

/** A network and a clock under a test's control. */
export const createWorld = () => testKit.createWorld((change) => act(change));
