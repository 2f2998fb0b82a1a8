// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// OpenZeppelin's own proxies are compiled for later rules.
contract PlainProxy {
    bytes32 private constant IMPLEMENTATION = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;

    constructor(address implementation) {
        assembly {
            sstore(IMPLEMENTATION, implementation)
        }
    }

    fallback() external payable {
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), sload(IMPLEMENTATION), 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            switch ok
            case 0 { revert(0, returndatasize()) }
            default { return(0, returndatasize()) }
        }
    }
}

contract OldTillV1 {
    uint256 public total;

    function touch() external {}

    function upgradeToAndCall(address to, bytes calldata) external {
        assembly {
            sstore(0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc, to)
        }
    }
}

contract OldTillV2 is OldTillV1 {
    function add(uint256 amount) external {
        total += amount;
    }
}

contract OldTillDies is OldTillV1 {
    function end(address payable to) external {
        assembly {
            selfdestruct(to)
        }
    }
}
