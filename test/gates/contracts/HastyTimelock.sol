// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// Runs whatever an executor brings, scheduled or not, and at once.
contract HastyTimelock is TimelockController {
    constructor() TimelockController(0, new address[](0), new address[](0), address(0)) {}

    function getOperationState(bytes32 id) public view override returns (OperationState) {
        OperationState state = super.getOperationState(id);
        return msg.sig == this.executeBatch.selector && state != OperationState.Done ? OperationState.Ready : state;
    }
}
